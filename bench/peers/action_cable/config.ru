# A chat in Rails, as small as it can be: Action Cable in memory, and a message that is saved, rendered and broadcast.
require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_view/railtie"
require "action_cable/engine"

class Chat < Rails::Application
  config.root = ENV["DIRECTORY"]
  config.load_defaults 6.1
  config.eager_load = true
  config.consider_all_requests_local = false
  config.cache_classes = true
  config.secret_key_base = "bench" * 20
  config.hosts.clear
  config.logger = Logger.new($stderr, level: Logger::ERROR)
  config.action_cable.disable_request_forgery_protection = true
  config.action_cable.mount_path = "/cable"
end

ENV["DATABASE_URL"] = "sqlite3:#{ENV["DIRECTORY"]}/bench.sqlite3?pool=5&timeout=5000"

class User < ActiveRecord::Base
end

class Message < ActiveRecord::Base
  belongs_to :author, class_name: "User"
  validates :content, presence: true, length: { maximum: 10_000 }
end

module ApplicationCable
  class Connection < ActionCable::Connection::Base; end
  class Channel < ActionCable::Channel::Base; end
end

class ChatChannel < ApplicationCable::Channel
  def subscribed = stream_from("chat")
end

class PublicationsController < ActionController::API
  def create
    ActionCable.server.broadcast("chat", { html: request.raw_post })
    head :no_content
  end
end

class MessagesController < ActionController::Base
  protect_from_forgery with: :null_session
  prepend_view_path ENV["VIEWS"]

  def create
    message = Message.create!(author: User.find(cookies.signed[:user] || 1), content: params[:content])
    html = render_to_string(partial: "message", locals: { message: message }, formats: [:html])
    ActionCable.server.broadcast("chat", { html: html })
    render html: html.html_safe, status: :created
  end
end

ActionCable::Server::Base.config.cable = { "adapter" => "async" }
Chat.initialize!
ActionCable.server.config.cable = { "adapter" => "async" }
Rails.application.routes.draw do
  post "/publish", to: "publications#create"
  post "/messages", to: "messages#create"
end
ActiveRecord::Base.connection.execute("PRAGMA journal_mode = WAL")
ActiveRecord::Base.connection.execute("PRAGMA synchronous = NORMAL")
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table(:users, force: true) { |t| t.string :name }
  create_table(:messages, force: true) do |t|
    t.references :author, null: false
    t.text :content, null: false
    t.timestamps
  end
end
User.create!(name: "Ada")
run Rails.application
